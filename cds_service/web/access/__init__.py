"""Who uses the pages: sign-in, SMART launch, sessions, roles, and the audit of all they do."""

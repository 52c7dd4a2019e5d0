"""Mail to the people whom the site names; nothing else leaves by this way."""

"""The coordinator's pages: worklist, patient, handout, pump readings; the page of hospital IT."""

"""How strong noise is, and how fine or blotchy."""

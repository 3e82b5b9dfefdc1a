"""The house rules of Acme's vision team."""

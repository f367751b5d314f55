"""Restrictions: which worker is kept out of what, by whom and until when."""

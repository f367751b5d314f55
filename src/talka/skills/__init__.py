"""Skills that requesters define and the values that workers have of them."""

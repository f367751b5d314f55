"""Mathematics of agreement: answers go in as arrays, results and confidences come out."""

"""How to find a balance: least effort under linear demands, by its dual. No anatomy in it."""

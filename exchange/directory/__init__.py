"""Who offers what and who asks for what, in ordinary words: listings, skills, search, matches, circles.

A person always decides: nothing here sends a word to anybody before somebody asks for it. What must never
happen: a person shown, matched or put in a circle with somebody from whom a wall keeps them, or a number
that judges a person.
"""

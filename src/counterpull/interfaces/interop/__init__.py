"""Files for other engines: one balanced person, frozen, as OpenSim's .osim or MuJoCo's MJCF.

files      the text, and what it says about itself
osim | mjcf    the two formats
person     everything a file is written from
frozen     springs, cords and constant forces      courses   muscle paths, wraps or fixed points
mechanism  a tree of bodies and coordinates
"""

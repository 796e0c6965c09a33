"""Made-up clients: seeded months of production with causes planted in them, and their truth.

Nothing here knows how the diagnosis works: the months come from worlds and plants alone, and the
runner hands them over as a cycle would. How strong a plant is, is measured against the effect that
the labels at hand can show (``strength.py``), fixed before any verdict was looked at.
"""

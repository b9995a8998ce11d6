"""One person on one line of time: what is known, where it stands on the axis, how it is drawn and told.

Source: product P 6.
"""

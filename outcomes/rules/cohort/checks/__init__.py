"""The checks across rows, one module per noun; each function yields the problems it finds.

No check speaks of a cell that could not be read: a broken cell is reported once and is not the cause of
further sentences. Another row is named by its file and line, never by its content.

Source: cohort files (evaluation), checks across rows and more errors.
"""

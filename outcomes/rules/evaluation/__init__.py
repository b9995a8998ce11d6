"""What the evaluation report says: statistics, indicators, findings and pages. Pure: no Django, no clock."""

"""Making a report: freezing its extract, counting, drawing and storing it."""

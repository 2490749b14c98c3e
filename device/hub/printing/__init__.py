"""Paper for a place: poster, sign and notice as PDF (ReportLab), Vietnamese first, English under it."""

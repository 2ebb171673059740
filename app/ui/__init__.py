"""What the embedded apps share: sessions, security headers, page templates, a stylesheet."""

"""SugarCRM (REST v11)."""

"""The Salesforce connector in parts."""

"""Evaluating generators and interpolations on references: the tables that papers print."""

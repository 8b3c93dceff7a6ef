"""Charts and pictures, functions of tables, in one visual language (`look`)."""

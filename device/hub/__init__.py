"""The central server: takes what gates send, keeps it sealed, and unseals only beside its key folder."""

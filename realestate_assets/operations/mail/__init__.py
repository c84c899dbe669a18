"""Mail: an outbox in the database, written in the transaction that gives cause to it, and how it leaves."""

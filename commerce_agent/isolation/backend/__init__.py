"""Django's PostgreSQL backend, whose connections say for whom they act."""

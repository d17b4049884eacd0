"""Password hashing at a cost that a shared machine can carry."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2Hasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB, 2 passes, 1 lane: the first OWASP profile; Django's takes 100 MiB."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1

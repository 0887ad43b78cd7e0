"""From a bare Python to a running shop: the environment, the embedded servers, `up` and `verify`."""

"""The admin: where a merchant runs the shop's side and support staff see why the agent said what it said."""

"""What the clock starts, and how often. A task that was not begun before the next one is due is dropped."""

CELERY_BEAT_SCHEDULE = {
    "finish-turns": {"task": "commerce_agent.finish_turns", "schedule": 15.0, "options": {"expires": 15}},
    "give-back": {"task": "commerce_agent.give_back", "schedule": 10.0, "options": {"expires": 10}},
    "settle-orders": {"task": "commerce_agent.settle_orders", "schedule": 15.0, "options": {"expires": 15}},
    "index-conversations": {
        "task": "commerce_agent.index_conversations",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "keep-journal": {"task": "commerce_agent.keep_journal", "schedule": 24 * 3600.0},
    "purge": {"task": "commerce_agent.purge", "schedule": 24 * 3600.0},
    "sweep-scripts": {"task": "commerce_agent.sweep_scripts", "schedule": 3600.0},
    "sweep-reservations": {
        "task": "catalog.sweep_reservations",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "look-into-inboxes": {
        "task": "commerce_agent.look_into_inboxes",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "poll-sources": {"task": "commerce_agent.poll_sources", "schedule": 5.0, "options": {"expires": 5}},
    "send-webhooks": {"task": "commerce_agent.send_webhooks", "schedule": 5.0, "options": {"expires": 5}},
    "prune-inboxes": {"task": "commerce_agent.prune_inboxes", "schedule": 6 * 3600.0},
    "refresh-offers": {"task": "catalog.refresh_offers", "schedule": 10.0, "options": {"expires": 10}},
    "keep-counts": {"task": "catalog.keep_counts", "schedule": 60.0, "options": {"expires": 60}},
}

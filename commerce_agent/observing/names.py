"""Names of spans and attributes.

Those of generative AI are OpenTelemetry's, which still move between releases: they stand here and nowhere else. The
others are our own, under `commerce.`.
"""

TURN = "turn"
STATE_LOAD = "state.load"
STATE_COMMIT = "state.commit"
CHAT = "chat"
EXECUTE_TOOL = "execute_tool"
GROUNDING = "grounding.check"

OPERATION = "gen_ai.operation.name"
PROVIDER = "gen_ai.provider.name"
CONVERSATION = "gen_ai.conversation.id"
REQUEST_MODEL = "gen_ai.request.model"
REQUEST_MOST_TOKENS = "gen_ai.request.max_tokens"
RESPONSE_MODEL = "gen_ai.response.model"
RESPONSE_ID = "gen_ai.response.id"
FINISH_REASONS = "gen_ai.response.finish_reasons"
INPUT_TOKENS = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
CACHE_READ = "gen_ai.usage.cache_read.input_tokens"
CACHE_WRITE = "gen_ai.usage.cache_write.input_tokens"
TOOL = "gen_ai.tool.name"
TOOL_TYPE = "gen_ai.tool.type"
ERROR = "error.type"

TURN_NUMBER = "commerce.turn"
PLANNER = "commerce.planner"
DECISION = "commerce.decision"
LAYER = "commerce.state.layer"
SOURCE = "commerce.state.source"
VERSION_BEFORE = "commerce.state.version.before"
VERSION_AFTER = "commerce.state.version.after"
CLAIMS = "commerce.claims"
CLAIMS_STOPPED = "commerce.claims.stopped"
"""A span has numbers, ids and kinds; never words of a shopper, of a model or of a shop."""

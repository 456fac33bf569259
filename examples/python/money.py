"""Ask what a video will cost, generate it, and read its receipt and the usage of the month."""

import one_line_errors  # noqa: F401
from visgate_sdk import Client

with Client() as client:
    quote = client.quotes.create("fal-ai/veo3.1/fast", "a storm over the sea", duration_seconds=4)
    print(quote.cost_usd, quote.would_be_accepted)

    result = client.videos.generate("fal-ai/veo3.1/fast", "a storm over the sea", duration_seconds=4)
    print(result.video_url)

    receipt = client.requests.receipt(result.id)
    print(receipt.charge_state, receipt.settlement and receipt.settlement.cost_usd)

    usage = client.usage.get(period="month")
    print(usage.total_requests, usage.total_billed_cost)

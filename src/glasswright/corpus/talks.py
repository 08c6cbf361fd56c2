"""What nobody can learn from in a conversation or a preference: asked when it is read, and again of what is left of it.

Mending and masking may empty a message, or make two answers one.
"""

from glasswright.records.conversations import ASSISTANT, Talk


def fault(talk: Talk) -> str | None:
    """The reason to drop it, if there is one."""
    lists = talk.lists
    if any(not content.strip() for content in talk.contents()):
        return "empty_message"
    if "messages" in lists:
        return None if any(message.role == ASSISTANT for message in lists["messages"]) else "no_assistant_turn"
    if not lists["prompt"]:
        return "no_prompt"
    if lists["chosen"] == lists["rejected"]:
        return "no_difference"
    answers = (lists["chosen"], lists["rejected"])
    return None if all(answer and answer[0].role == ASSISTANT for answer in answers) else "no_assistant_turn"

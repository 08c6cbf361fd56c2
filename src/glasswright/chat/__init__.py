"""Conversations as the text that a model was trained on: chat templates, rendered as the ecosystem does.

render(template, conversations, at=now)     one text for each, or an error that says what the template did
rendered(...)                               the same, with what a template marks as said by the assistant
"""

from glasswright.chat.folder import CONFIG, TEMPLATE, marks_answers, special_tokens, template_of
from glasswright.chat.render import Conversation, Rendered, render, rendered

__all__ = [
    "CONFIG",
    "TEMPLATE",
    "Conversation",
    "Rendered",
    "marks_answers",
    "render",
    "rendered",
    "special_tokens",
    "template_of",
]

"""A chat template gives the text that transformers gives, and ends whatever is in it."""

from datetime import datetime
from typing import Any

import pytest

from glasswright.chat import Conversation, render
from glasswright.errors import Misuse

AT = datetime(2024, 2, 29, 13, 5)
TOO_MUCH = "takes more time or memory than it is given"
SPECIAL = {"bos_token": "<s>", "eos_token": "</s>"}
TALK = [
    {"role": "system", "content": "Answer <briefly> & in 'verse'."},
    {"role": "user", "content": "  Wie geht's? 你好\n\tcode: if (a < b) { } "},
    {"role": "assistant", "content": "Fine.", "reasoning": "They greet."},
    {"role": "user", "content": "More {{ messages }} {% raw %}"},
]
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "add",
            "description": "a < b & 'c' → ü",
            "parameters": {"type": "object", "properties": {}},
        },
    }
]
# Of our own writing; together they use what the ecosystem's templates use.
TEMPLATES = {
    "roles": "{% for m in messages %}[{{ m.role }}] {{ m['content'] | trim }}\n{% endfor %}",
    "blocks": """{%- set ns = namespace(seen=0) -%}
        {% for message in messages %}
    {% if message.role == 'system' %}
        {{- bos_token + message.content }}
    {% else %}
        {%- set ns.seen = ns.seen + 1 %}
        {{ ns.seen }}: {{ message.content }}{{ eos_token }}
    {% endif %}
{% endfor %}
{% if add_generation_prompt %}go:{% endif %}""",
    "loop controls": """{% for message in messages %}
{% if loop.first %}{% continue %}{% endif %}
{{ loop.index0 }}/{{ loop.length }} {{ message.content }}
{% if loop.index == 3 %}{% break %}{% endif %}
{% endfor %}""",
    "json": "{{ tools | tojson }}|{{ tools | tojson(indent=2) }}|{{ messages[0] | tojson(sort_keys=true) }}",
    "tools": """{% if tools is not none and tools %}
{% for tool in tools %}
{%- set f = tool.function %}
{{ f.name }}({% for key, value in f.parameters.items() %}{{ key }}={{ value }}{{ ", " if not loop.last }}{% endfor %})
{% endfor %}
{% else %}none{% endif %}""",
    "generation": """{% for message in messages %}{% if message.role == 'assistant' %}
{% generation %}{{ message.content }}{{ eos_token }}{% endgeneration %}
{% else %}<{{ message.role }}>{{ message.content }}{% endif %}{% endfor %}""",
    "reasoning": "{% for m in messages %}{{ m.reasoning_content or '-' }}/{{ m.thinking | default('0') }};{% endfor %}",
    "macro": """{% macro line(role, content, tail='') %}{{ role | upper }}:{{ content }}{{ tail }}{% endmacro %}
{% for m in messages %}{{ line(m.role, m.content.strip(), tail=eos_token) }}
{% endfor %}{{ date_string is defined }} {{ custom }}""",
    "slices": """{% if messages[0]['role'] == 'system' %}{% set rest = messages[1:] %}{% endif %}
{% for m in rest | selectattr('role', 'equalto', 'user') | list %}{{ m.content.split(' ')[-1] ~ loop.revindex }}
{% endfor %}{{ rest | length }} {{ rest | map(attribute='role') | join(',') }} {{ (rest | last).content[:5] }}""",
    "tests": """{% for m in messages %}{{ m.content is string }}{{ m.tool_calls is defined }}{{ loop.last or '' }}
{%- endfor %}{% set d = dict(a=1, b=[1, 2]) %}{{ d }}{{ d.b | sum }}{{ "%s-%d" | format("x", 3) }}{{ missing }}""",
}


def theirs(template: str, conversation: Conversation) -> str:
    chat_template_utils = pytest.importorskip("transformers.utils.chat_template_utils")
    rendered, _ = chat_template_utils.render_jinja_template(
        conversations=[conversation.messages],
        tools=conversation.tools,
        documents=conversation.documents,
        chat_template=template,
        add_generation_prompt=conversation.add_generation_prompt,
        **SPECIAL,
        **conversation.more,
    )
    return rendered[0]


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_text_is_that_of_transformers(name: str) -> None:
    conversations = [
        Conversation(messages=TALK),
        Conversation(messages=TALK, tools=TOOLS, add_generation_prompt=True, more={"custom": "<b>"}),
    ]
    texts = render(TEMPLATES[name], conversations, at=AT, special_tokens=SPECIAL)
    assert texts == [theirs(TEMPLATES[name], conversation) for conversation in conversations]
    assert texts[0]


def rendered(template: str, **more: Any) -> str:
    return render(template, [Conversation(messages=TALK, **more)], at=AT, special_tokens=SPECIAL)[0]


def test_the_time_is_the_callers() -> None:
    assert rendered("{{ strftime_now('%d %b %Y') }}") == "29 Feb 2024"


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{{ raise_exception('roles must\nalternate') }}", r"refuses the conversation: roles must\\nalternate"),
        ("{% for m in messages %}", "line 1: Unexpected end of template"),
        ("{{ messages[9].content }}", "asks for what is not there"),
        ("{{ ''.__class__.__mro__ }}", "reaches for what it may not have|asks for what is not there"),
        ("{{ strftime_now.__globals__.keys() }}", "reaches for what it may not have|asks for what is not there"),
        ("{{ namespace.__init__.__globals__ }}", "reaches for what it may not have|asks for what is not there"),
        ("{{ namespace(__class__=1) }}", "reaches for what it may not have"),
        ("{% set n = namespace() %}{% set n._x = 1 %}", "reaches for what it may not have|line 1"),
        ("{{ messages.append(1) }}", "reaches for what it may not have"),
        ("{{ messages[0].update(a=1) }}", "reaches for what it may not have"),
        ("{% include '/etc/passwd' %}", "fails: "),
        ("{{ open('/etc/passwd').read() }}", "asks for what is not there"),
        ("{{ ''.join(['{0.__class__.__mro__}']).format(1) }}", "reaches for what it may not have|asks for what"),
        ("{{ 'x' * 10**11 }}", TOO_MUCH),
        ("{{ '%1000000000d' | format(1) }}", TOO_MUCH),
        ("{% for i in range(10**9) %}{% endfor %}", f"{TOO_MUCH}|fails"),
        ("{{ 'x' * (2**24 + 1) }}", "makes more than 16,777,216 characters"),
        ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", TOO_MUCH),
        ("(" * 1000 + "{{" + "(" * 5000 + "1" + ")" * 5000 + "}}", f"{TOO_MUCH}|cannot be run"),
        ("{{ 1 / 0 }}", "fails: ZeroDivisionError"),
        ("x" * 2**18 + "y", "262,145 characters, where at most 262,144 are run"),
    ],
)
def test_what_a_template_does_wrong_is_told(template: str, told: str) -> None:
    with pytest.raises(Misuse, match=f"chat template: (?:{told})"):
        rendered(template)


def test_a_template_that_never_ends_is_ended() -> None:
    around = "{% for i in range(99999) %}"
    with pytest.raises(Misuse, match=TOO_MUCH):
        rendered(around * 4 + "{% endfor %}" * 4)


def test_a_conversation_stays_as_it_was() -> None:
    assert rendered("{% set messages = [] %}{{ messages }}") == "[]"
    assert TALK[2] == {"role": "assistant", "content": "Fine.", "reasoning": "They greet."}

"""The logins of the demonstration, as the start prints them."""

from __future__ import annotations

import os

from deploy import database
from deploy.state import State, demo_password

ROLES = {
    "supervisor": "监督员",
    "acceptor": "受理员",
    "duty_chief": "值班长",
    "dispatcher": "派遣员",
    "department": "专业部门",
    "official": "领导",
    "administrator": "系统管理员",
    "client": "接口客户端",
}
# The first user of each role; of a department also its lead, who pre-approves its requests, and the
# administrator whose consent a scheme of scoring needs.
FIRST_USERS = """
select distinct on (roles[1], username ~ '(-lead|administrator-2)$') roles[1], username
from gridcity_user where is_active order by roles[1], username ~ '(-lead|administrator-2)$', id
"""


def lines(state: State) -> list[str]:
    """A table of role and user name, and the one password of all of them."""
    answer = database.psql(state, database.NAME, ["-F", " ", "-c", FIRST_USERS])
    database.require(answer)
    found = [line.split() for line in answer.stdout.splitlines()]
    found.sort(key=lambda row: list(ROLES).index(row[0]))
    rows = [f"  {role:<14} {username:<28} {ROLES[role]}" for role, username in found]
    password = demo_password(os.environ)
    return [*rows, f"  password: {password}"] if rows else []

"""Who may use a server: accounts with argon2 passwords, roles by county, sessions, and who did what and when."""

from ecogeo.accounts.audit import Deed, deeds, log_problem, write_deed
from ecogeo.accounts.passwords import first_password
from ecogeo.accounts.people import (
    EVERY_COUNTY,
    ROLES,
    Account,
    add_account,
    change_password,
    find_account,
    has_admin,
    list_accounts,
    remove_account,
    set_grants,
)
from ecogeo.accounts.places import VARIABLE, AccountBook, account_book
from ecogeo.accounts.sessions import Session, begin_session, count_sessions, end_session, end_sessions, find_session
from ecogeo.accounts.signing_in import Refused, sign_in

__all__ = [
    "EVERY_COUNTY",
    "ROLES",
    "VARIABLE",
    "Account",
    "AccountBook",
    "Deed",
    "Refused",
    "Session",
    "account_book",
    "add_account",
    "begin_session",
    "change_password",
    "count_sessions",
    "deeds",
    "end_session",
    "end_sessions",
    "find_account",
    "find_session",
    "first_password",
    "has_admin",
    "list_accounts",
    "log_problem",
    "remove_account",
    "set_grants",
    "sign_in",
    "write_deed",
]

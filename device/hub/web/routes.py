"""Which function answers which route; who may open it stands in `device.hub.web.rights`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.responses import Response

from device.hub.web import (
    account_pages,
    alert_pages,
    audit_pages,
    checkin_pages,
    gate_deeds,
    gate_page,
    gate_pages,
    overview,
    own_account,
    place_forms,
    place_imports,
    place_pages,
    place_printing,
    place_supervision,
    publishing_pages,
    rules_pages,
    signing_in,
    supervision_pages,
    unseal_pages,
)
from device.hub.web.asking import Ask
from device.hub.web.rights import RIGHTS

Page = Callable[[Ask], Response]
PAGES: Final[dict[tuple[str, str], Page]] = {
    ("GET", "/log-in"): signing_in.show_log_in,
    ("POST", "/log-in"): signing_in.log_in,
    ("POST", "/log-out"): signing_in.log_out,
    ("GET", "/second-factor"): signing_in.show_second_factor,
    ("POST", "/second-factor"): signing_in.check_second_factor,
    ("GET", "/link/{token}"): signing_in.show_link,
    ("POST", "/link/{token}"): signing_in.use_link,
    ("POST", "/language"): signing_in.switch_language,
    ("GET", "/static/{name}"): overview.show_file,
    ("GET", "/"): supervision_pages.show_overview,
    ("GET", "/about"): overview.show_about,
    ("GET", "/account"): own_account.show_own,
    ("POST", "/account/password"): own_account.change_password,
    ("POST", "/account/sessions"): own_account.end_others,
    ("GET", "/accounts"): account_pages.show_accounts,
    ("POST", "/accounts"): account_pages.add_account,
    ("POST", "/accounts/{number:number}/reset"): account_pages.reset_account,
    ("POST", "/accounts/{number:number}/disable"): account_pages.disable_account,
    ("GET", "/audit"): audit_pages.show_audit,
    ("GET", "/audit.csv"): audit_pages.export_audit,
    ("GET", "/supervision.csv"): supervision_pages.export_csv,
    ("GET", "/supervision.xlsx"): supervision_pages.export_workbook,
    ("GET", "/places/{place_id}/supervision"): place_supervision.show_place_supervision,
    ("GET", "/check-ins"): checkin_pages.show_checkins,
    ("POST", "/check-ins/unseal"): unseal_pages.unseal_place,
    ("GET", "/gates"): gate_pages.show_gates,
    ("GET", "/gates/enrol"): gate_deeds.show_enrol,
    ("POST", "/gates/enrol"): gate_deeds.enrol,
    ("GET", "/gates/{device}"): gate_page.show_gate,
    ("POST", "/gates/{device}/name"): gate_deeds.rename_gate,
    ("POST", "/gates/{device}/place"): gate_deeds.move_gate,
    ("POST", "/gates/{device}/group"): gate_deeds.group_gate,
    ("POST", "/gates/{device}/code"): gate_deeds.enrol_anew,
    ("GET", "/gates/{device}/revoke"): gate_deeds.show_revoke,
    ("POST", "/gates/{device}/revoke"): gate_deeds.revoke_gate,
    ("GET", "/rules"): rules_pages.show_rules,
    ("POST", "/rules/preview"): publishing_pages.preview,
    ("POST", "/rules/publish"): publishing_pages.publish,
    ("GET", "/places"): place_pages.show_places,
    ("GET", "/places/new"): place_forms.show_new,
    ("POST", "/places/new"): place_forms.add_place,
    ("GET", "/places/import"): place_imports.show_import,
    ("POST", "/places/import"): place_imports.preview_import,
    ("POST", "/places/import/confirm"): place_imports.confirm_import,
    ("GET", "/places/blank.{kind}"): place_imports.blank_file,
    ("GET", "/places/export.{kind}"): place_imports.export_places,
    ("GET", "/places/{place_id}"): place_pages.show_place,  # what has a name of its own comes before it
    ("GET", "/places/{place_id}/edit"): place_forms.show_edit,
    ("POST", "/places/{place_id}/edit"): place_forms.change_place,
    ("POST", "/places/{place_id}/archive"): place_forms.archive_place,
    ("POST", "/places/{place_id}/restore"): place_forms.restore_place,
    ("POST", "/places/{place_id}/owners"): place_forms.change_owners,
    ("POST", "/places/{place_id}/posters"): place_printing.make_poster,
    ("GET", "/places/{place_id}/posters/{poster_id}/{paper}.pdf"): place_printing.print_poster,
    ("GET", "/places/{place_id}/posters/{poster_id}/{paper}"): place_printing.show_poster,
    ("GET", "/places/{place_id}/{sheet}/{paper}.pdf"): place_printing.print_sheet,
    ("GET", "/alerts"): alert_pages.show_alerts,
    ("POST", "/alerts/{number:number}/acknowledge"): alert_pages.acknowledge_alert,
    ("POST", "/alerts/test"): alert_pages.send_test,
}
assert PAGES.keys() == RIGHTS.keys()

UPLOADS: Final[dict[tuple[str, str], int]] = {
    ("POST", "/places/import"): place_imports.MOST_BYTES,
    ("POST", "/rules/preview"): publishing_pages.MOST_BYTES,
}
"""Routes whose forms come with files (``multipart/form-data``), and how many bytes those may have together."""
assert UPLOADS.keys() <= PAGES.keys()

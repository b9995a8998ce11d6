import pytest
from tests.browser.test_timeline_pages import *
def test_shots(life, open_window):
    for name, q in (("14",""),("28","?days=28"),("84","?days=84"),("all","?days=all"),("table","?as=table")):
        w = open_window(life.room.doctor, width=1280, height=930)
        w.go(address(life, q))
        w.page.screenshot(path=f"/tmp/st/{name}.png", full_page=True)
        if name in ("14","table"):
            w.page.pdf(path=f"/tmp/st/{name}.pdf", prefer_css_page_size=True)
    w.go(address(life))
    for width in (1024, 341):
        w.page.set_viewport_size({"width": width, "height": 768})
        w.page.screenshot(path=f"/tmp/st/w{width}.png", full_page=True)
    w.page.set_viewport_size({"width": 1280, "height": 930})
    for name in ("", "orders/", "assessments/", "set-stage/"):
        w.go(f"/clinics/{life.room.clinic.code}/people/{life.room.patient.id}/{name}")
        w.page.screenshot(path=f"/tmp/st/p{name.strip('/')}.png", full_page=True)

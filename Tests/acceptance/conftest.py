"""Desks for the acceptance tests, and what every test is held to: no secret in any log."""

import os
import signal
from pathlib import Path

import pytest

from harness.browser import chromium
from harness.database import DatabaseServer
from harness.desk import Desk
from harness.expiring import begin
from harness.ports import free_port
from harness.program import Process, clean_environment, sanitizer_reports
from harness.provider_desk import ProviderDesk

OUTPUT = Path(__file__).parent / "output"


def pytest_configure(config):
    config.addinivalue_line("markers", "late: looks at what an earlier fixture set going; runs last")
    config.addinivalue_line("filterwarnings", "ignore:websockets.legacy:DeprecationWarning")
    # Ended from outside, the processes must go too.
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    OUTPUT.mkdir(exist_ok=True)
    for name in ("COUNTERSIGN_SIMULATOR_URL",):
        if name not in os.environ:
            config.stash_simulator = Simulator()
            os.environ[name] = config.stash_simulator.url


def pytest_unconfigure(config):
    simulator = getattr(config, "stash_simulator", None)
    if simulator:
        simulator.process.stop()


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("late") is not None)


class Simulator:
    """The broker that Alpaca's own client judges: its test reads the address when it is collected."""

    def __init__(self):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        arguments = ("broker", "--listen", f"127.0.0.1:{port}", "--clock", "always-open", "--multiplier", "4")
        self.process = Process("broker", arguments, clean_environment(), OUTPUT, OUTPUT / "simulator.log")
        self.process.start().wait_for_port(port)


@pytest.fixture(scope="session")
def database_server():
    server = DatabaseServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def desks(request, database_server):
    """Makes desks and clears them away; scans their logs after each test and keeps them where one failed."""
    made = request.session.desks = []

    def make(**options):
        desk = Desk(database_server.create(), **options)
        made.append(desk)
        return desk

    make.made = made
    yield make
    for desk in made:
        desk.close()


@pytest.fixture(scope="module", autouse=True)
def clear_away(request):
    """A file's desks go with it: dozens that look for work each second would slow down the files after it."""
    yield
    made = getattr(request.session, "desks", [])
    own = [each for each in made if not each.is_shared]
    drivers = getattr(request.session, "drivers", {}).values() if own else ()
    # A page that stayed open would complain to the next file that its server is gone.
    for driver in drivers:
        driver.get("about:blank")
    for desk in own:
        made.remove(desk)
        desk.close()
    for driver in drivers:
        driver.get_log("browser")


def shared(desk):
    desk.is_shared = True
    return desk


@pytest.fixture(scope="session")
def shared_desk(desks):
    return shared(desks()).set_up().start()


@pytest.fixture
def desk(shared_desk):
    """The desk that most tests share: each looks only at its own proposals."""
    for process in shared_desk.processes.values():
        process.expect_running()
    return shared_desk


@pytest.fixture(scope="module")
def own_desk(desks):
    """A desk for one file of tests, which may stop and crash it."""
    return desks().set_up().start()


@pytest.fixture(scope="session")
def provider_desk(desks, database_server):
    """A desk that is set up, not started: its tests add the rooms of a provider and mail servers."""
    desk = shared(ProviderDesk(database_server.create()))
    desks.made.append(desk)
    return desk.set_up()


@pytest.fixture(scope="session", autouse=True)
def expiring(request):
    """Begun first, looked at last, so that the other tests pass the time."""
    if not any(item.get_closest_marker("late") for item in request.session.items):
        return None
    return begin(request.getfixturevalue("shared_desk"))


@pytest.fixture(autouse=True)
def no_secret_in_logs(request):
    yield
    if "desks" in request.fixturenames or any("desk" in name for name in request.fixturenames):
        for desk in request.getfixturevalue("desks").made:
            if desk.directory.exists():
                desk.scan_logs()


@pytest.fixture(autouse=True)
def no_fault_of_memory():
    """Whoever runs while a process of his dies of one is told; two files run at once, so it may be the neighbour's."""
    before = sanitizer_reports().keys()
    yield
    new = {name: text for name, text in sanitizer_reports().items() if name not in before}
    assert not new, "\n".join(f"{name}:\n{text[:6000]}" for name, text in new.items())


@pytest.fixture(scope="session")
def browsers(request, tmp_path_factory):
    """Chromium with scripts or without, each started when it is first asked for."""
    drivers = request.session.drivers = {}

    def get(scripts):
        if scripts not in drivers:
            directory = tmp_path_factory.mktemp("chromium")
            drivers[scripts] = chromium(directory, scripts=scripts == "with scripts")
        return drivers[scripts]

    yield get
    for driver in drivers.values():
        driver.quit()


@pytest.fixture
def plain_browser(browsers):
    """JavaScript is off."""
    return browsers("without")


@pytest.fixture
def full_browser(browsers):
    return browsers("with scripts")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed and "desks" in getattr(item, "fixturenames", ()):
        # The test's own desks, where it names them: those of other files are still up and would drown what matters.
        made = item.funcargs["desks"].made if "desks" in item.funcargs else []
        own = [desk for desk in made if any(desk is value for value in item.funcargs.values())]
        for desk in own or made:
            if desk.directory.exists():
                report.sections.append((f"logs of {desk.directory}", desk.logs()))

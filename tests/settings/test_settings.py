"""One reader of the environment: what wins, what is named when it is wrong, and what is never shown."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from lianbot.domain.errors import InvalidInputError
from lianbot.settings import Settings, environment, load_settings, secret_from, variables


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without lianbot.toml, an environment without our variables."""
    monkeypatch.chdir(tmp_path)
    for name in set(os.environ) - set(environment()):
        monkeypatch.delenv(name)
    return tmp_path


def test_without_anything_the_defaults_are_safe():
    made = load_settings()
    assert (made.http_host, made.clock, made.demo, made.frame_ancestors) == (
        "127.0.0.1",
        "system",
        False,
        "",
    )


def test_the_file_is_read(home):
    (home / "lianbot.toml").write_text('http_port = 9000\npublic_url = "https://lj.example"\n')
    assert (load_settings().http_port, load_settings().public_url) == (9000, "https://lj.example")


def test_a_variable_wins_over_the_file(home, monkeypatch):
    (home / "lianbot.toml").write_text("http_port = 9000\n")
    monkeypatch.setenv("LIANBOT_HTTP_PORT", "9001")
    assert load_settings().http_port == 9001


def test_a_secret_comes_from_the_file_that_is_named(home, monkeypatch):
    (home / "secret").write_text("s3cret-of-the-app\n")
    monkeypatch.setenv("LIANBOT_WECOM_SECRET_FILE", str(home / "secret"))
    assert load_settings().wecom_secret.get_secret_value() == "s3cret-of-the-app"


def test_a_secret_file_that_is_missing_is_named(monkeypatch):
    monkeypatch.setenv("LIANBOT_WECOM_SECRET_FILE", "/no/such/file")
    with pytest.raises(InvalidInputError) as refused:
        load_settings()
    assert refused.value.place == "LIANBOT_WECOM_SECRET_FILE"
    assert "/no/such/file" in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTP_PORT", "eighty"),
        ("HTTP_PORT", "70000"),
        ("HTTP_PORT", "-1"),
        ("TICK_SECONDS", "0"),
        ("SEND_WIDTH", "0"),
        ("SEND_WIDTH", "5000"),
        ("WECOM_AGENT_ID", "one"),
        ("DEMO", "perhaps"),
    ],
)
def test_a_wrong_value_names_its_variable(monkeypatch, name, value):
    monkeypatch.setenv(f"LIANBOT_{name}", value)
    with pytest.raises(InvalidInputError) as refused:
        load_settings()
    assert refused.value.place == f"LIANBOT_{name}"


def test_an_unknown_line_of_the_file_is_named(home):
    (home / "lianbot.toml").write_text('wecom_secert = "x"\n')
    with pytest.raises(InvalidInputError, match="wecom_secert"):
        load_settings()


def test_no_secret_is_in_the_settings_own_words(monkeypatch):
    for name in ("SECRET_KEY", "WECOM_SECRET", "WECOM_TOKEN", "WECOM_AES_KEY", "OFFICIAL_SECRET"):
        monkeypatch.setenv(f"LIANBOT_{name}", "planted-secret-value")
    made = load_settings()
    assert "planted" not in repr(made)
    assert "planted" not in str(made)


def test_a_wrong_secret_type_does_not_show_the_secret(home):
    (home / "lianbot.toml").write_text('wecom_secret = ["planted-secret-value"]\n')
    with pytest.raises(InvalidInputError) as refused:
        load_settings()
    assert "planted" not in str(refused.value)


def test_settings_do_not_change(monkeypatch):
    made = load_settings()
    with pytest.raises(ValidationError):
        made.http_port = 1


def test_a_process_we_start_reads_the_same_settings(monkeypatch, tmp_path):
    made = Settings.model_validate(
        {"http_port": 0, "content_dir": tmp_path, "secret_key": "k" * 40, "demo": True}
    )
    for name, value in variables(made).items():
        monkeypatch.setenv(name, value)
    assert load_settings() == made


def test_the_environment_for_other_processes_carries_none_of_our_variables(monkeypatch):
    monkeypatch.setenv("LIANBOT_WECOM_SECRET", "x")
    assert not [name for name in environment() if name.startswith("LIANBOT_")]


def test_a_password_comes_from_its_variable_or_its_file(home, monkeypatch):
    assert secret_from("PASSWORD") is None
    (home / "p").write_text("from the file\n")
    monkeypatch.setenv("LIANBOT_PASSWORD_FILE", str(home / "p"))
    assert secret_from("PASSWORD") == "from the file"
    monkeypatch.setenv("LIANBOT_PASSWORD", "from the variable")
    assert secret_from("PASSWORD") == "from the variable"


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_says_in_one_line_what_it_is_for(name):
    help_line = Settings.model_fields[name].description or ""
    assert 0 < len(help_line) <= 60
    assert "\n" not in help_line

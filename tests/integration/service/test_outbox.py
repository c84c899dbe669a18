"""The outbox: each mail once, by a server or into a folder; of what is not known to be sent no second."""

import mailbox
import stat
import threading
import time
import uuid
from collections import Counter

import pytest
import sqlalchemy as sa

from realestate_assets.app.event_functions import forget_old
from realestate_assets.app.mails import Mail
from realestate_assets.app.people import PersonKey
from realestate_assets.operations.accounts.first import add_person
from realestate_assets.operations.mail import channels, outbox
from realestate_assets.operations.mail.channels import AwayError, MaildirChannel, SmtpChannel
from realestate_assets.operations.mail.letters import Letter
from realestate_assets.service.background import Background, Bell
from resources.errors import PermanentError
from resources.warehouse import migration
from tests.certificates import Authority
from tests.integration.service.conftest import PASSWORD
from tests.integration.service.smtp_server import Server, serving

pytestmark = pytest.mark.integration

SENDER = "Real Estate OS <realestate@example.com>"
LETTER = Letter(
    "A subject — with a dash", "Text — ü", "<p>Text — ü</p>", {"List-Unsubscribe": "<https://x/y>"}
)


@pytest.fixture
def ann(parts, request):
    """An account of a test's own."""
    return add_person(
        parts.transaction, parts.sealer, email=f"{uuid.uuid4().hex}@north.example.com", name="Ann",
        slug="north", roles=["viewer"], password=PASSWORD, counties=(),
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _empty(parts):
    """What other tests left is not sent here."""
    run_sql(parts, "delete from work.mails")


def run_sql(parts, sql):
    with migration.engine(parts.resources["warehouse"].database_url()).begin() as owner:
        owner.exec_driver_sql(sql)


def queued(parts, ann, recipient="ann@example.com", count=1):
    with parts.transaction(ann.tenant_id) as session:
        return [
            outbox.queue(session, parts.sealer, ann.user_id, recipient, "note", LETTER) for _ in range(count)
        ]


def rows(parts, ann):
    with parts.transaction(ann.tenant_id) as session:
        found = sa.select(Mail).where(Mail.person_id == ann.user_id).order_by(Mail.created_at)
        return list(session.scalars(found))


def send(parts, channel):
    return outbox.send_due(parts.transaction, parts.sealer, channel)


def make_due(parts):
    run_sql(parts, "update work.mails set next_at = now() - interval '1 second'")


def smtp(server, tls="off", **options):
    return SmtpChannel("127.0.0.1", server.port, SENDER, tls, **options)


def test_a_mail_is_handed_to_a_server_once_and_its_content_is_forgotten(parts, ann):
    (mail_id,) = queued(parts, ann)
    with serving(Server()) as server:
        assert send(parts, smtp(server)) == outbox.Posted(sent=1)
        assert send(parts, smtp(server)) == outbox.Posted()
    ((recipient, message),) = server.taken
    assert (recipient, message["To"], message["From"]) == ("ann@example.com", "ann@example.com", SENDER)
    assert message["Subject"] == LETTER.subject
    assert message["Message-ID"] == f"<{mail_id}@example.com>"
    assert message["Date"].datetime.tzinfo is not None
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] == "<https://x/y>"
    assert message.get_body(("plain",)).get_content().strip() == LETTER.text
    assert message.get_body(("html",)).get_content().strip() == LETTER.html
    (row,) = rows(parts, ann)
    assert (row.state, row.attempts, row.content_sealed, row.failure) == ("sent", 1, None, None)


def test_a_mail_is_queued_with_its_transaction_or_not_at_all(parts, ann):
    with pytest.raises(ZeroDivisionError), parts.transaction(ann.tenant_id) as session:
        outbox.queue(session, parts.sealer, ann.user_id, "ann@example.com", "note", LETTER)
        1 / 0  # noqa: B018
    assert rows(parts, ann) == []


def test_address_and_content_lie_encrypted(parts, ann):
    queued(parts, ann)
    with migration.engine(parts.resources["warehouse"].database_url()).connect() as owner:
        text = str(owner.execute(sa.text("select m::text from work.mails m")).scalars().all())
    assert "note" in text and "ann@" not in text and b"ann@".hex() not in text
    assert "Text" not in text and b"Text".hex() not in text


def test_a_refusal_that_may_pass_is_tried_again_later_each_time(parts, ann):
    queued(parts, ann)
    waits = []
    with serving(Server(["451 later", "452 full"])) as server:
        for _ in range(2):
            make_due(parts)
            assert send(parts, smtp(server)) == outbox.Posted(delayed=1)
            (row,) = rows(parts, ann)
            waits.append((row.next_at - row.taken_at).total_seconds())
            assert send(parts, smtp(server)) == outbox.Posted()
        make_due(parts)
        assert send(parts, smtp(server)) == outbox.Posted(sent=1)
    assert waits == pytest.approx([60, 300], abs=5)
    assert len(server.taken) == 1


def test_a_refusal_for_good_is_told_without_the_address_and_not_tried_again(parts, ann):
    queued(parts, ann)
    with serving(Server(["550 ann@example.com is nobody"])) as server:
        assert send(parts, smtp(server)) == outbox.Posted(failed=1)
        make_due(parts)
        assert send(parts, smtp(server)) == outbox.Posted()
    (row,) = rows(parts, ann)
    assert (row.state, row.failure) == ("failed", "The mail server answered 550.")


def test_a_server_that_is_away_is_asked_for_one_mail_alone_and_given_up_after_two_days(
    parts, ann, monkeypatch
):
    monkeypatch.setattr(outbox, "WAITS", outbox.WAITS[:1])
    queued(parts, ann, count=3)
    with serving(Server()) as server:
        pass
    assert send(parts, smtp(server)) == outbox.Posted(delayed=1)
    assert Counter(row.attempts for row in rows(parts, ann)) == {0: 2, 1: 1}
    run_sql(parts, "update work.mails set next_at = now() - interval '1 h' where attempts = 1")
    assert send(parts, smtp(server)).failed == 1
    failed = next(row for row in rows(parts, ann) if row.state == "failed")
    assert failed.failure == "The mail server does not answer: ConnectionRefusedError."


def test_a_server_that_breaks_off_in_the_middle_may_have_it_and_is_not_given_it_again(parts, ann):
    queued(parts, ann)
    with serving(Server(breaks_off=True)) as server:
        assert send(parts, smtp(server)) == outbox.Posted(uncertain=1)
        make_due(parts)
        assert send(parts, smtp(server)) == outbox.Posted()
    assert len(server.taken) == 1
    assert rows(parts, ann)[0].state == "uncertain"


class Ended(BaseException):
    """What ends a process, which no code catches."""


def test_a_process_that_ends_between_sending_and_noting_leaves_a_mail_that_is_not_sent_again(parts, ann):
    queued(parts, ann, count=2)
    sent = []

    class Ends:
        def send(self, mail_id, recipient, letter):
            sent.append(mail_id)
            if len(sent) == 1:
                raise Ended

    with pytest.raises(Ended):
        send(parts, Ends())
    assert Counter(row.state for row in rows(parts, ann)) == {"sending": 1, "queued": 1}
    # The other goes; what is under way elsewhere, as far as can be known, is let alone.
    assert send(parts, Ends()) == outbox.Posted(sent=1)
    run_sql(parts, "update work.mails set taken_at = now() - interval '1 hour' where state = 'sending'")
    make_due(parts)
    assert send(parts, Ends()) == outbox.Posted(uncertain=1)
    make_due(parts)
    assert send(parts, Ends()) == outbox.Posted()
    assert len(sent) == len(set(sent)) == 2
    assert Counter(row.state for row in rows(parts, ann)) == {"uncertain": 1, "sent": 1}


def test_several_that_send_at_once_send_each_mail_once(parts, ann):
    ids = queued(parts, ann, count=12)
    sent, start = [], threading.Barrier(4)

    class Slow:
        def send(self, mail_id, recipient, letter):
            time.sleep(0.01)
            sent.append(mail_id)

    def work():
        start.wait()
        send(parts, Slow())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sent) == sorted(ids)


def test_who_was_forgotten_is_not_written_to(parts, ann):
    queued(parts, ann)
    run_sql(parts, f"delete from app.person_keys where person_id = '{ann.user_id}'")
    assert send(parts, None) == outbox.Posted(failed=1)
    assert rows(parts, ann)[0].failure == "The person was forgotten."
    with parts.transaction(ann.tenant_id) as session:
        assert session.get(PersonKey, ann.user_id) is None
        with pytest.raises(PermanentError):
            outbox.queue(session, parts.sealer, ann.user_id, "ann@example.com", "note", LETTER)


def test_a_password_goes_by_tls_alone_and_a_certificate_that_nobody_vouches_for_is_refused(
    parts, ann, tmp_path, monkeypatch
):
    authority = Authority.create(tmp_path)
    certificate = authority.sign("mail", ("127.0.0.1", "localhost"))
    queued(parts, ann)
    with serving(Server(), certificate, wants_login=True) as server:
        channel = smtp(server, "starttls", user="ann", password="right")
        assert send(parts, channel) == outbox.Posted(delayed=1)
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        make_due(parts)
        wrong = smtp(server, "starttls", user="ann", password="wrong")
        assert send(parts, wrong) == outbox.Posted(delayed=1)
        assert rows(parts, ann)[0].failure == "The mail server answered 535 to our greeting."
        make_due(parts)
        assert send(parts, channel) == outbox.Posted(sent=1)
    assert server.was_tls == [True]
    # By each way to sign in that the server offers.
    assert set(server.logins[:-1]) == {("ann", "wrong")}
    assert server.logins[-1] == ("ann", "right")


def test_a_server_without_tls_is_given_nothing_where_tls_is_asked_for(parts, ann):
    queued(parts, ann)
    with serving(Server()) as server:
        assert send(parts, smtp(server, "starttls")) == outbox.Posted(delayed=1)
    assert server.taken == []


def test_an_address_with_letters_beyond_ascii_arrives(parts, ann):
    queued(parts, ann, recipient="jürgen@example.com")
    with serving(Server()) as server:
        assert send(parts, smtp(server)) == outbox.Posted(sent=1)
    assert server.taken[0][0] == "jürgen@example.com"


def test_without_a_server_mail_lies_in_a_folder_that_its_owner_alone_opens(parts, ann, tmp_path):
    (mail_id,) = queued(parts, ann)
    channel = MaildirChannel(tmp_path / "home" / "mail", SENDER)
    assert send(parts, channel) == outbox.Posted(sent=1)
    (message,) = mailbox.Maildir(channel.folder)
    assert message["Message-ID"] == f"<{mail_id}@example.com>"
    assert stat.S_IMODE(channel.folder.stat().st_mode) == 0o700
    (tmp_path / "file").write_text("")
    with pytest.raises(AwayError):
        MaildirChannel(tmp_path / "file" / "mail", SENDER).send(mail_id, "a@b.example", LETTER)


def test_the_service_sends_what_is_due_by_itself(parts, ann):
    queued(parts, ann)
    assert isinstance(parts.mail, MaildirChannel)
    background = Background(parts, Bell())
    background.post()
    assert [row.state for row in rows(parts, ann)] == ["sent"]
    assert "ann@example.com" in [message["To"] for message in mailbox.Maildir(parts.settings.mail_root)]


def test_mail_that_has_ended_is_forgotten_after_a_month(parts, ann):
    queued(parts, ann, count=2)
    run_sql(
        parts,
        "update work.mails set state = 'sent', ended_at = now() - interval '31 days' "
        "where mail_id = (select mail_id from work.mails limit 1)",
    )
    with parts.transaction(None) as session:
        forget_old(session)
    assert [row.state for row in rows(parts, ann)] == ["queued"]


def test_the_address_of_a_server_says_how_it_is_spoken_to(parts):
    def channel(url):
        settings = parts.settings.model_copy(
            update={"mail_smtp_url": type(parts.settings.service_secret)(url), "mail_from": SENDER}
        )
        return channels.channel_of(settings)

    assert channel("smtp://mail.example.com").tls == "starttls"
    assert channel("smtp://mail.example.com").port == 587
    assert channel("smtp://mail.example.com?tls=off").tls == "off"
    assert channel("smtp://localhost:25").tls == "off"
    assert channel("smtp://localhost:25?tls=on").tls == "starttls"
    found = channel("smtps://ann%40x:p%2Fw@mail.example.com")
    assert (found.tls, found.port, found.user, found.password) == ("wrapped", 465, "ann@x", "p/w")
    assert "p/w" not in repr(found)

"""Whatever is posted to the sandbox: a clear refusal or an acceptance, never a fault of ours."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from workers.sandbox import sendgrid_api, twilio_api
from workers.sandbox.faults import Fault, Faults
from workers.sandbox.sandbox import Sandbox, SandboxSettings

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["a@b.cc", "text/plain", "text/html", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["email", "name", "to", "type", "value", "custom_args", "headers", "subject", "intent"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)
mails = st.fixed_dictionaries(
    {"personalizations": json_values | st.just([{"to": [{"email": "a@b.cc"}]}]), "from": json_values | st.just({"email": "a@b.cc"})},
    optional={
        "subject": json_values | st.just("s"),
        "content": json_values | st.just([{"type": "text/html", "value": "x"}]),
        "headers": json_values,
        "custom_args": json_values,
    },
)


def test_any_mail_is_taken_or_refused() -> None:
    sandbox = Sandbox(SandboxSettings(None), lambda: 1, lambda: "00" * 16)

    @given(mails)
    @settings(max_examples=examples(300))
    def check(mail: dict[str, object]) -> None:
        wrong = sendgrid_api.check(mail)
        if wrong is None:
            people = mail["personalizations"]
            assert isinstance(people, list)
            for person in people:
                assert sendgrid_api.message_of(mail, person, "id", sandbox)["to"]
        else:
            assert wrong[0]

    check()
    sandbox.store.close()


@given(
    st.dictionaries(
        st.sampled_from(["To", "From", "Body", "MessagingServiceSid", "ContentSid", "ContentVariables", "StatusCallback"]),
        st.text(max_size=30) | st.sampled_from(["+447911123456", "whatsapp:+447911123456", "{}", '{"1":"a"}']),
        max_size=7,
    )
)
def test_any_form_is_taken_or_refused(form: dict[str, str]) -> None:
    wrong = twilio_api.check(form, [])
    assert wrong is None or (20000 < wrong[0] < 70000 and wrong[1])


def test_faults_act_on_every_nth_call_and_no_more_often_than_told() -> None:
    faults = Faults()
    faults.set([Fault(channel="email", every=2, times=2, status=500)])
    assert [faults.match("email", "a") is not None for _ in range(6)] == [False, True, False, True, False, False]
    assert faults.match("sms", "a") is None
    assert faults.acted == [2]

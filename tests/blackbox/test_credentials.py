"""Which credentials are used, asked of the probe (src/aws/credentials/testing) against moto's STS and Secrets Manager."""
import datetime
import json
import subprocess

import pytest

from aws_services import REGION, Moto
from harness import BINARY, clean_environment

PROBE = BINARY.parent / "src/aws/credentials/credentials_probe"
ACCOUNT = "123456789012"
pytestmark = pytest.mark.skipif(not PROBE.exists(), reason=f"{PROBE} is not built")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    moto = Moto(tmp_path_factory.mktemp("moto") / "log")
    yield moto
    moto.stop()


class Cloud:
    """An IAM user who may do everything, a role that it may assume, and a probe with a home of its own."""

    def __init__(self, server, home):
        self.server, self.home = server, home
        server.verify_signatures(False)
        server.reset()
        iam = server.client("iam")
        iam.create_user(UserName="gateway")
        self.keys = iam.create_access_key(UserName="gateway")["AccessKey"]
        allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        iam.put_user_policy(UserName="gateway", PolicyName="all", PolicyDocument=json.dumps(allow))
        self.roles = []
        for name in ("inner", "outer"):
            role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(allow))["Role"]
            iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps(allow))
            self.roles.append(role["Arn"])

    def variables(self, secret=None):
        return {"AWS_ACCESS_KEY_ID": self.keys["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": secret or self.keys["SecretAccessKey"]}

    def write(self, name, text):
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def probe(self, *settings, environment=None, endpoint=True):
        everywhere = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": REGION}
        if endpoint:
            everywhere["AWS_ENDPOINT_URL"] = self.server.url
        done = subprocess.run([str(PROBE), *settings], capture_output=True, text=True, timeout=60,
                              env=clean_environment(self.home) | everywhere | (environment or {}))
        assert done.returncode == 0, done.stderr
        assert self.keys["SecretAccessKey"] not in done.stdout + done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def cloud(server, tmp_path):
    return Cloud(server, tmp_path)


def minutes_left(answer):
    expires = datetime.datetime.fromisoformat(answer["expires"].replace("Z", "+00:00"))
    return (expires - datetime.datetime.now(datetime.timezone.utc)).total_seconds() / 60


def test_role_is_assumed_with_a_signature_that_moto_verifies(cloud):
    cloud.server.verify_signatures()
    answer = cloud.probe(f"role_arn={cloud.roles[0]}", "external_id=ext", "role_session_name=caprock-test",
                         "session_tags=team=search & rescue", "transitive_tags=team", "source_identity=me",
                         "role_duration=900000", environment=cloud.variables())
    assert answer.get("source") == f"environment, then role '{cloud.roles[0]}'", answer
    assert answer["account_id"] == ACCOUNT
    assert answer["session_token"]
    assert 13 < minutes_left(answer) <= 15.1


def test_wrong_secret_is_refused_and_not_shown(cloud):
    cloud.server.verify_signatures()
    answer = cloud.probe(f"role_arn={cloud.roles[0]}", environment=cloud.variables("x" * 40))
    assert "SignatureDoesNotMatch" in answer["error"], answer
    assert "x" * 40 not in json.dumps(answer)


def test_profile_chain_with_an_endpoint_of_its_services_section(cloud):
    cloud.write(".aws/credentials", f"[base]\naws_access_key_id={cloud.keys['AccessKeyId']}\n"
                                    f"aws_secret_access_key={cloud.keys['SecretAccessKey']}\n")
    cloud.write(".aws/config", f"[profile app]\nrole_arn={cloud.roles[1]}\nsource_profile=hop\nservices=local\n"
                               f"[profile hop]\nrole_arn={cloud.roles[0]}\nsource_profile=base\n"
                               f"[services local]\nsts =\n  endpoint_url = {cloud.server.url}\n")
    cloud.server.verify_signatures()
    answer = cloud.probe(environment={"AWS_PROFILE": "app"}, endpoint=False)
    assert answer["source"] == f"profile 'app', then role '{cloud.roles[0]}', then role '{cloud.roles[1]}'", answer


def test_web_identity_file_is_exchanged(cloud):
    token = cloud.write("token", "a.b.c\n")
    answer = cloud.probe(environment={"AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "AWS_ROLE_ARN": cloud.roles[0],
                                      "AWS_ROLE_SESSION_NAME": "pod"})
    assert answer["source"] == f"web identity, role '{cloud.roles[0]}'", answer
    assert 55 < minutes_left(answer) <= 60.1


@pytest.mark.parametrize("value, access_key, bearer", [
    ({"access_key_id": "AKIDSECRET", "secret_access_key": "S"}, "AKIDSECRET", False),
    ({"AWS_BEARER_TOKEN_BEDROCK": "B"}, "", True),
])
def test_secret_is_read(cloud, value, access_key, bearer):
    cloud.server.client("secretsmanager").create_secret(Name="bedrock/keys", SecretString=json.dumps(value))
    cloud.server.verify_signatures()
    answer = cloud.probe("secret_id=bedrock/keys", environment=cloud.variables())
    assert answer["source"] == "secret 'bedrock/keys', read with environment", answer
    assert (answer["access_key_id"], answer["bearer"]) == (access_key, bearer)


def test_secret_that_is_not_there_is_named(cloud):
    answer = cloud.probe("secret_id=absent", environment=cloud.variables())
    assert answer["error"] == "secretsmanager gave no credentials (ResourceNotFoundException)", answer


def test_bearer_token_resolves_nothing_else(cloud):
    answer = cloud.probe(f"role_arn={cloud.roles[0]}",
                         environment={"AWS_BEARER_TOKEN_BEDROCK": "B", "AWS_ACCESS_KEY_ID": "half a pair"})
    assert answer["bearer"] and answer["source"] == "bearer token", answer


def test_nothing_anywhere_says_what_was_tried(cloud):
    answer = cloud.probe()
    for part in ("environment (AWS_ACCESS_KEY_ID is not set)", "profile 'default'", "web identity", "container",
                 "instance metadata (AWS_EC2_METADATA_DISABLED is true)"):
        assert part in answer["error"], answer


def test_sts_that_is_gone_is_an_error_in_time(cloud):
    answer = cloud.probe(f"role_arn={cloud.roles[0]}",
                         environment=cloud.variables() | {"AWS_ENDPOINT_URL_STS": "http://127.0.0.1:1"})
    assert "127.0.0.1" in answer["error"], answer

"""A certificate authority of our own, and a cluster that speaks TLS with it."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .cluster import SERVER_USER, Cluster


def _openssl(*args, cwd):
    subprocess.run(["openssl", *args], cwd=cwd, check=True, capture_output=True)


@dataclass
class Authority:
    """Root, server (for 127.0.0.1 and localhost) and client certificates in one folder."""

    folder: Path

    @property
    def root(self):
        return self.folder / "root.crt"

    def make(self) -> "Authority":
        self.folder.mkdir(parents=True, exist_ok=True)
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
                 "-subj", "/CN=test root", "-keyout", "root.key", "-out", "root.crt", cwd=self.folder)
        self.issue("server", "localhost", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        return self

    def issue(self, file: str, common_name: str, extension: str = "keyUsage=digitalSignature"):
        """Writes file.crt and file.key."""
        (self.folder / f"{file}.ext").write_text(extension + "\n")
        _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={common_name}",
                 "-keyout", f"{file}.key", "-out", f"{file}.csr", cwd=self.folder)
        _openssl("x509", "-req", "-days", "30", "-in", f"{file}.csr", "-CA", "root.crt", "-CAkey", "root.key",
                 "-CAcreateserial", "-extfile", f"{file}.ext", "-out", f"{file}.crt", cwd=self.folder)
        (self.folder / f"{file}.key").chmod(0o600)
        return self.folder / f"{file}.crt", self.folder / f"{file}.key"


TLS_HBA = """\
local   all all           trust
hostssl all cert_user 127.0.0.1/32 cert clientcert=verify-full
hostssl all tls_user  127.0.0.1/32 scram-sha-256
hostssl all postgres  127.0.0.1/32 trust
hostnossl all plain_user 127.0.0.1/32 scram-sha-256
"""


class TlsCluster(Cluster):
    """Users tls_user and plain_user come with a password (only with, only without TLS); cert_user with a certificate."""

    def __init__(self, authority: Authority, password: str, name="tls"):
        super().__init__(name=name, hba=TLS_HBA)
        self.authority = authority
        self.password = password

    def start(self):
        super().start()
        for file in ("root.crt", "server.crt", "server.key"):
            shutil.copy(self.authority.folder / file, self.data / file)
            if os.getuid() == 0:
                shutil.chown(self.data / file, SERVER_USER, SERVER_USER)
        (self.data / "server.key").chmod(0o600)
        self.socket_db().sql(f"""
            ALTER SYSTEM SET ssl_cert_file = 'server.crt';
            ALTER SYSTEM SET ssl_key_file = 'server.key';
            ALTER SYSTEM SET ssl_ca_file = 'root.crt';
            ALTER SYSTEM SET ssl = on;
            CREATE ROLE tls_user SUPERUSER LOGIN PASSWORD '{self.password}';
            CREATE ROLE plain_user SUPERUSER LOGIN PASSWORD '{self.password}';
            CREATE ROLE cert_user SUPERUSER LOGIN;""")
        self.restart("fast")
        return self

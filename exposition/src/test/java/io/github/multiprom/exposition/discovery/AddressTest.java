package io.github.multiprom.exposition.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "localhost|true",
        "localhost:9464|true",
        "my-app.example.com:65535|true",
        "10.0.0.1:80|true",
        "[::1]:9464|true",
        "[fe80::1.2.3.4]|true",
        "''|false",
        ":80|false",
        "localhost:|false",
        "localhost:65536|false",
        "localhost:999999|false",
        "localhost:-1|false",
        "a b|false",
        "a/b|false",
        "user@host|false",
        "a,b|false",
        "\"a\"|false",
        "http://a|false",
        "a?b|false",
        "::1|false",
        "[a]b|false",
        "é|false"
      })
  void isAHostAndPerhapsAPort(String text, boolean is) {
    assertEquals(is, Address.isOne(text));
  }

  private static String of(byte[] address) throws Exception {
    return Address.of(new InetSocketAddress(InetAddress.getByAddress(address), 5));
  }

  @Test
  void isThatOfASocket() throws Exception {
    byte[] loopback = {127, 0, 0, 1};
    byte[] loopback6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    assertEquals("127.0.0.1:5", of(loopback));
    assertEquals("127.0.0.1:5", of(new byte[4]));
    assertEquals("[0:0:0:0:0:0:0:1]:5", of(loopback6));
  }

  @Test
  void keepsItsHostAtAnotherPort() {
    assertEquals("a:7", Address.atPort("a", 7));
    assertEquals("a:7", Address.atPort("a:80", 7));
    assertEquals("[::1]:7", Address.atPort("[::1]:80", 7));
  }
}

package io.github.multiprom.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentOptionsTest {
  @Test
  void takesAPortAndADirectory() {
    AgentOptions options = AgentOptions.parse("9464,dir=/dev/shm/app");

    assertEquals(9464, options.port());
    assertEquals("127.0.0.1", options.host());
    assertEquals("/dev/shm/app", options.directory());
    assertEquals("", options.worker());
    assertEquals(AgentOptions.ON, options.simpleclient());
    assertEquals(List.of("io.prometheus.client"), options.packages());
    assertTrue(options.jvm());
    assertFalse(options.allRegistries());
  }

  @Test
  void takesAllKeys() {
    AgentOptions options =
        AgentOptions.parse(
            "dir=/d, [::1]:80 ,worker=w 1,gauges=queue:LIVESUM;jvm_*:off,registries=all,"
                + "simpleclient=own,jvm=off,jmx=/etc/jmx.yml,packages=a.b;c,log=all");

    assertEquals("::1", options.host());
    assertEquals(80, options.port());
    assertEquals("w 1", options.worker());
    assertEquals("queue=LIVESUM,jvm_*=off", options.gaugeModes());
    assertTrue(options.allRegistries());
    assertEquals(AgentOptions.OWN, options.simpleclient());
    assertFalse(options.jvm());
    assertEquals("/etc/jmx.yml", options.jmx());
    assertEquals(List.of("io.prometheus.client", "a.b", "c"), options.packages());
    assertTrue(options.isVerbose());
  }

  @Test
  void needsNoPort() {
    assertEquals(0, AgentOptions.parse("dir=/d").port());
  }

  @Test
  void doesNothingWithSimpleclientThatIsOff() {
    assertEquals(List.of(), AgentOptions.parse("dir=/d,simpleclient=off").packages());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "9464 | dir is missing, as in -javaagent:multiprom-agent.jar=9464,dir=/dev/shm/my-app",
        "'' | dir is missing, as in -javaagent:multiprom-agent.jar=9464,dir=/dev/shm/my-app",
        "dir= | dir has no value",
        "dir=/d,prt=1 | there is no key prt; the keys are dir, port, worker, gauges, registries,"
            + " simpleclient, jvm, jmx, packages, log",
        "dir=/d,94a | 94a is not [host:]port with a port from 1 to 65535, nor key=value",
        "dir=/d,port=70000 | 70000 is not [host:]port with a port from 1 to 65535, nor key=value",
        "dir=/d,:80 | :80 is not [host:]port with a port from 1 to 65535, nor key=value",
        "dir=/d,jvm=yes | jvm cannot be yes, but on or off",
        "dir=/d,simpleclient=no | simpleclient cannot be no, but on or own or off",
        "dir=/d,gauges=x | gauges cannot have the part x; parts are name:MODE, with ; between them",
      })
  void saysWhatIsWrong(String text, String message) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> AgentOptions.parse(text));

    assertEquals(message, refused.getMessage());
  }
}

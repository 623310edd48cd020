package io.github.multiprom.agent;

import static io.github.multiprom.agent.Scrapes.samples;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is wrong, the application runs as without the agent, and one line tells. */
class HarmlessIT {
  private static final String NAME = "multiprom-agent: ";

  private static String plainOutput;

  @TempDir(factory = InMemory.class)
  private Path directory;

  @BeforeAll
  static void runWithoutTheAgent() throws Exception {
    try (AgentProcess plain =
        AgentProcess.java(List.of(), AgentProcess.NEWEST, shop.Shop.class, "3")) {
      assertEquals(3, plain.awaitExit());
      plainOutput = plain.output();
    }
  }

  private static void assertUnharmed(AgentProcess process) throws InterruptedException {
    assertEquals(3, process.awaitExit());
    assertEquals(plainOutput, process.output());
  }

  /** One line, and this text in it. */
  private static void assertOneLine(String text, AgentProcess process) {
    String errors = process.errors();
    assertTrue(errors.startsWith(NAME) && errors.contains(text), errors);
    assertEquals(1, errors.lines().count(), errors);
  }

  @ParameterizedTest
  @ValueSource(strings = {"9464", "dir=D,prt=1", ",,,="})
  void wrongOptions(String options) throws Exception {
    try (AgentProcess process =
        AgentProcess.shop(AgentProcess.NEWEST, options.replace("D", directory.toString()), "3")) {
      assertUnharmed(process);
      assertOneLine("ERROR The agent does nothing: ", process);
    }
  }

  @Test
  void noOptions() throws Exception {
    try (AgentProcess process =
        AgentProcess.java(
            List.of("-javaagent:" + AgentProcess.AGENT),
            AgentProcess.NEWEST,
            shop.Shop.class,
            "3")) {
      assertUnharmed(process);
      assertOneLine("dir is missing", process);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "file/below", "/proc/none"})
  void unusableDirectory(String name) throws Exception {
    Files.createFile(directory.resolve("file"));
    try (AgentProcess process =
        AgentProcess.shop(AgentProcess.NEWEST, "dir=" + directory.resolve(name), "3")) {
      assertUnharmed(process);
      assertOneLine("cannot be used, so this process counts in memory", process);
    }
  }

  @Test
  void fullDisk() throws Exception {
    Path disk = Files.createDirectory(directory.resolve("disk"));
    Process mount =
        new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=8k", "multiprom", disk.toString())
            .redirectErrorStream(true)
            .start();
    Assumptions.assumeTrue(mount.waitFor() == 0, "This test needs to mount a tmpfs.");
    try (AgentProcess process =
        AgentProcess.shop(AgentProcess.NEWEST, "dir=" + disk.resolve("below"), "3")) {
      assertUnharmed(process);
      assertOneLine("No space left on device", process);
    } finally {
      assertEquals(0, new ProcessBuilder("umount", "-l", disk.toString()).start().waitFor());
    }
  }

  @Test
  void classLoaderOfOneClassAtATime() throws Exception {
    Path jar = TestJars.shaded(directory, "other.");
    try (AgentProcess process =
        AgentProcess.java(
            List.of(
                // Otherwise each jar looks its classes up for itself, with the loader's lock.
                "-Djava.security.manager=disallow",
                AgentProcess.agent("dir=" + directory + ",packages=other.io.prometheus.client")),
            AgentProcess.NEWEST,
            shop.TwoThreads.class,
            jar.toString(),
            "other.")) {
      assertEquals(0, process.awaitExit());
      assertEquals("done", process.output());
      assertEquals("", process.errorsOfAgent());
    }
  }

  @Test
  void portOfAnotherProgram() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        AgentProcess process =
            AgentProcess.shop(AgentProcess.NEWEST, taken.getLocalPort() + ",dir=" + directory)) {
      process.ask("count 2");
      process.awaitError(line -> line.contains("are not served at"));

      assertEquals("shop_orders_total 2\n", samples(process.ask("scrape"), "shop_orders"));
      assertOneLine("Address already in use", process);
    }
  }

  @Tag("field")
  @Test
  void hostOfAnotherMachine() throws Exception {
    try (AgentProcess process =
        AgentProcess.shop(AgentProcess.NEWEST, "192.0.2.1:9464,dir=" + directory)) {
      process.awaitError(line -> line.contains("are not served at"));
      process.ask("count 2");

      assertEquals("shop_orders_total 2\n", samples(process.ask("scrape"), "shop_orders"));
      assertOneLine("192.0.2.1:9464", process);
    }
  }

  @Test
  void wrongConfigurationOfBeans() throws Exception {
    String options = "dir=" + directory.resolve("metrics") + ",jmx=" + directory.resolve("none");
    try (AgentProcess process = AgentProcess.shop(AgentProcess.NEWEST, options)) {
      process.awaitError(line -> line.contains("No beans are sampled"));
      process.ask("count 2");

      assertEquals("shop_orders_total 2\n", samples(process.ask("scrape"), "shop_orders"));
      assertOneLine("No beans are sampled", process);
    }
  }

  @Test
  void agentThatIsGivenTwice() throws Exception {
    String agent = AgentProcess.agent("dir=" + directory);
    try (AgentProcess process =
        AgentProcess.java(List.of(agent, agent), AgentProcess.NEWEST, shop.Shop.class, "3")) {
      assertUnharmed(process);
      assertOneLine("is given twice", process);
    }
  }

  @Test
  void otherAgentThatChangesClassesAgain() throws Exception {
    Path other = TestJars.agent(directory, shop.RetransformingAgent.class);
    String agent = AgentProcess.agent("dir=" + directory.resolve("metrics"));
    try (AgentProcess process =
        AgentProcess.java(
            List.of(agent, "-javaagent:" + other), AgentProcess.NEWEST, shop.Shop.class)) {
      process.ask("count 2");

      assertEquals("shop_orders_total 2\n", samples(process.ask("scrape"), "shop_orders"));
      process.awaitError(line -> line.equals("changed again"));
      assertEquals("changed again", process.errors());
    }
  }

  @Test
  void otherAgentThatLoadsSimpleclientBefore() throws Exception {
    Path other = TestJars.agent(directory, shop.CountingAgent.class);
    String agent = AgentProcess.agent("dir=" + directory.resolve("metrics"));
    try (AgentProcess process =
        AgentProcess.java(
            List.of("-javaagent:" + other, agent), AgentProcess.NEWEST, shop.Shop.class)) {
      process.awaitError(line -> line.contains("loaded simpleclient before"));
      process.ask("count 2");

      assertEquals("shop_orders_total 2\n", samples(process.ask("scrape"), "shop_orders"));
      assertOneLine("loaded simpleclient before", process);
    }
  }

  @Test
  void modulePath() throws Exception {
    Path module = TestJars.module(directory);
    String path =
        module
            + ":"
            + String.join(":", AgentProcess.jars(AgentProcess.NEWEST).map(Path::toString).toList());
    try (AgentProcess process =
        AgentProcess.java(
            List.of(
                AgentProcess.agent("dir=" + directory.resolve("metrics")),
                "--module-path",
                path,
                "--module",
                "shop/shop.Shop"))) {
      process.ask("count 2");

      assertEquals("shop_orders_total 2\n", samples(process.ask("scrape"), "shop_orders"));
      assertEquals("", process.errors());
    }
    try (AgentProcess other =
        AgentProcess.shop(AgentProcess.NEWEST, "dir=" + directory.resolve("metrics"))) {
      other.ask("count 1");

      assertEquals("shop_orders_total 3\n", samples(other.ask("scrape"), "shop_orders"));
    }
  }

  @Test
  void simpleclientInAnotherPackage() throws Exception {
    Path shaded = TestJars.shaded(directory, "org.app.shaded.");
    List<String> command = List.of("-classpath", shaded.toString(), "shop.Shop", "3");
    String agent = AgentProcess.agent("dir=" + directory.resolve("metrics"));
    try (AgentProcess process = AgentProcess.java(TestJars.with(agent, command))) {
      assertUnharmed(process);
      assertOneLine("packages=org.app.shaded.io.prometheus.client lets it count", process);
    }

    String named = agent + ",packages=org.app.shaded.io.prometheus.client";
    try (AgentProcess process = AgentProcess.java(TestJars.with(named, command))) {
      assertUnharmed(process);
      assertEquals("", process.errors());
    }
    try (AgentProcess other =
        AgentProcess.shop(AgentProcess.NEWEST, "dir=" + directory.resolve("metrics"))) {
      assertEquals("shop_orders_total 1\n", samples(other.ask("scrape"), "shop_orders"));
    }
  }

  @Test
  void applicationWithoutMetrics() throws Exception {
    try (AgentProcess process =
        AgentProcess.java(
            List.of(AgentProcess.agent(Scrapes.freePort() + ",dir=" + directory)),
            AgentProcess.NEWEST,
            shop.Hello.class)) {
      assertEquals(0, process.awaitExit());
      assertEquals("Hello, world! [shop.Hello]", process.output());
      assertEquals("", process.errors());
    }
  }
}

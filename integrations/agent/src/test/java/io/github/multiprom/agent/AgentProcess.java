package io.github.multiprom.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A JVM that a test started, with what it prints. Killed when it is closed. */
final class AgentProcess implements AutoCloseable {
  static final Path AGENT = Path.of(System.getProperty("multiprom.test.agent"));
  static final String OLDEST = "0.0.26";
  static final String NEWEST = "0.16.0";

  private static final Path VERSIONS = Path.of(System.getProperty("multiprom.test.simpleclient"));
  private static final long TIMEOUT_SECONDS = 60;

  private final Process process;
  private final List<String> out = new ArrayList<>();
  private final List<String> err = new ArrayList<>();
  private final Thread outReader;
  private final Thread errReader;
  private int read;

  private AgentProcess(List<String> command) throws IOException {
    process = new ProcessBuilder(command).start();
    outReader = reader(process.getInputStream(), out);
    errReader = reader(process.getErrorStream(), err);
  }

  /** Starts the application of the tests with an agent's options. */
  static AgentProcess shop(String version, String options, String... args) throws IOException {
    return java(List.of(agent(options)), version, shop.Shop.class, args);
  }

  /** As {@link #shop(String, String, String...)}, with another JDK. */
  static AgentProcess shop(Path jdk, String version, String options) throws IOException {
    return java(
        jdk, List.of(agent(options), "-classpath", classPath(version), shop.Shop.class.getName()));
  }

  /** The JDK that runs this. */
  static Path ownJdk() {
    return Path.of(System.getProperty("java.home"));
  }

  /** JDK 25 if there is one, else the one that runs this. */
  static Path newestJdk() throws IOException {
    Path all = Path.of("/usr/lib/jvm");
    if (!Files.isDirectory(all)) {
      return ownJdk();
    }
    try (Stream<Path> jdks = Files.list(all)) {
      return jdks.filter(path -> path.toString().contains("-25-"))
          .filter(path -> Files.exists(path.resolve("bin/java")))
          .findFirst()
          .orElse(ownJdk());
    }
  }

  static String agent(String options) {
    return "-javaagent:" + AGENT + "=" + options;
  }

  /** Starts a JVM with the classes of the tests and a version of simpleclient. */
  static AgentProcess java(List<String> flags, String version, Class<?> main, String... args)
      throws IOException {
    List<String> command = new ArrayList<>(flags);
    command.addAll(List.of("-classpath", classPath(version), main.getName()));
    command.addAll(List.of(args));
    return java(command);
  }

  static String classPath(String version) {
    return Path.of("target", "test-classes").toAbsolutePath()
        + ":"
        + jars(version).map(Path::toString).collect(Collectors.joining(":"));
  }

  /** The jars of a version of simpleclient. */
  static Stream<Path> jars(String version) {
    try (Stream<Path> jars = Files.list(VERSIONS)) {
      return jars.filter(jar -> jar.toString().endsWith("-" + version + ".jar")).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts a JVM as small as it gets. */
  static AgentProcess java(List<String> arguments) throws IOException {
    return java(ownJdk(), arguments);
  }

  private static AgentProcess java(Path jdk, List<String> arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                jdk.resolve("bin/java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1"));
    command.addAll(arguments);
    return new AgentProcess(command);
  }

  private Thread reader(InputStream in, List<String> lines) {
    Thread reader =
        new Thread(
            () -> {
              try (BufferedReader text = new BufferedReader(new InputStreamReader(in, UTF_8))) {
                for (String line = text.readLine(); line != null; line = text.readLine()) {
                  synchronized (lines) {
                    lines.add(line);
                    lines.notifyAll();
                  }
                }
              } catch (IOException e) {
                // It was killed; what it had printed is here.
              }
            });
    reader.setDaemon(true);
    reader.start();
    return reader;
  }

  /** Has the application do something, and returns what it printed meanwhile. */
  String ask(String command) throws Exception {
    tell(command);
    List<String> answer = new ArrayList<>();
    for (String line = nextLine(); !line.equals("ok"); line = nextLine()) {
      answer.add(line);
    }
    return String.join("\n", answer);
  }

  void tell(String command) throws IOException {
    Writer to = process.outputWriter(UTF_8);
    to.write(command + "\n");
    to.flush();
  }

  private String nextLine() throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
    synchronized (out) {
      while (out.size() <= read) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0 || !outReader.isAlive()) {
          throw new AssertionError("no answer; it printed\n" + out + "\n" + errors());
        }
        out.wait(Math.min(left, 100));
      }
      return out.get(read++);
    }
  }

  /** Waits until a line of the standard error fits. */
  String awaitError(Predicate<String> fits) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
    synchronized (err) {
      while (err.stream().noneMatch(fits)) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          throw new AssertionError("not in\n" + err);
        }
        err.wait(left);
      }
      return err.stream().filter(fits).findFirst().orElseThrow();
    }
  }

  /** Waits until it has printed so many lines. */
  void awaitLines(int count) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
    synchronized (out) {
      while (out.size() < count) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          throw new AssertionError(out.size() + " lines, not " + count + "\n" + errors());
        }
        out.wait(left);
      }
    }
  }

  /** The number in the last whole line of one that was killed as it printed numbers. */
  long lastNumber() {
    synchronized (out) {
      // The last one may be cut.
      return out.size() < 2 ? 0 : Long.parseLong(out.get(out.size() - 2));
    }
  }

  long pid() {
    return process.pid();
  }

  /** Sends SIGKILL, and waits for the end. */
  void kill() throws InterruptedException {
    // Not by the process itself: that would throw away what the pipe still holds.
    process.toHandle().destroyForcibly();
    awaitExit();
  }

  /** Waits for the end, and returns the exit code. */
  int awaitExit() throws InterruptedException {
    if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("still running; it printed\n" + out + "\n" + errors());
    }
    outReader.join();
    errReader.join();
    return process.exitValue();
  }

  String output() {
    synchronized (out) {
      return String.join("\n", out);
    }
  }

  /** What the agent said; newer JDKs say something about old versions of simpleclient. */
  String errorsOfAgent() {
    return errors()
        .lines()
        .filter(line -> line.startsWith("multiprom-agent: "))
        .collect(Collectors.joining("\n"));
  }

  String errors() {
    synchronized (err) {
      return String.join("\n", err);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }
}

package io.github.multiprom.statsd;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;

/** Opens the sockets that datagrams come to. */
final class Sockets {
  /** As the agent of Datadog has it: all users may write. */
  private static final String UNIX_PERMISSIONS = "rwx-w--w-";

  /** Of {@code /proc/net/unix}. */
  private static final int UNIX_INODE_COLUMN = 6;

  private static final String UNIX_LIBRARY = "com.kohlschutter.junixsocket:junixsocket-core";

  private Sockets() {}

  /**
   * The datagram socket that this process was given as its standard input; null if there is none.
   *
   * @throws IOException if it is a unix socket, with a message of one line
   */
  static DatagramChannel inherited() throws IOException {
    // It is another one from then on.
    String input = standardInput();
    Channel channel = System.inheritedChannel();
    if (!(channel instanceof DatagramChannel datagrams)) {
      return null;
    }
    if (isUnixSocket(input)) {
      // Left open: closing it would close the standard error as well.
      throw new IOException(
          "the standard input is a unix socket, which a JVM cannot read; use --listen-unixgram");
    }
    datagrams.configureBlocking(true);
    return datagrams;
  }

  /** What the standard input is, as {@code socket:[4711]}; empty if that is not known. */
  private static String standardInput() {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/fd/0")).toString();
    } catch (IOException e) {
      return "";
    }
  }

  private static boolean isUnixSocket(String name) {
    try (Stream<String> sockets = Files.lines(Path.of("/proc/net/unix"), ISO_8859_1)) {
      return sockets
          .map(socket -> socket.strip().split("\\s+", -1))
          .anyMatch(
              columns ->
                  columns.length > UNIX_INODE_COLUMN
                      && name.equals("socket:[" + columns[UNIX_INODE_COLUMN] + "]"));
    } catch (IOException | UncheckedIOException e) {
      // Another kernel, or a hardened one.
      return false;
    }
  }

  /**
   * A socket at a UDP address; at any of this host, IPv6 as well as IPv4, for that of all.
   *
   * @throws IOException with a message of one line
   */
  static DatagramChannel udp(InetSocketAddress address) throws IOException {
    if (address.isUnresolved()) {
      throw new IOException("unknown host " + address.getHostString());
    }
    DatagramChannel channel =
        address.getAddress().isAnyLocalAddress()
            ? DatagramChannel.open()
            : DatagramChannel.open(
                address.getAddress() instanceof Inet4Address
                    ? StandardProtocolFamily.INET
                    : StandardProtocolFamily.INET6);
    return bound(
        channel,
        address,
        "cannot listen at udp " + address.getHostString() + ":" + address.getPort());
  }

  /**
   * A unix datagram socket, which all users may write to. A socket that a dead process left there
   * is replaced.
   *
   * @throws IOException with a message of one line
   */
  static DatagramChannel unix(Path path) throws IOException {
    SocketAddress address;
    try {
      address =
          (SocketAddress)
              Class.forName("org.newsclub.net.unix.AFUNIXSocketAddress")
                  .getMethod("of", Path.class)
                  .invoke(null, path);
      if (isSocket(path)) {
        checkUnused(address, path);
        Files.delete(path);
      }
      DatagramChannel channel = unixChannel();
      bound(channel, address, "cannot listen at unix socket " + path);
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(UNIX_PERMISSIONS));
      return channel;
    } catch (ClassNotFoundException e) {
      throw new IOException(
          "a unix socket needs " + UNIX_LIBRARY + " on the class path: " + path, e);
    } catch (InvocationTargetException e) {
      throw new IOException("no unix socket " + path + ": " + e.getCause().getMessage(), e);
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new IOException(UNIX_LIBRARY + " cannot be used: " + e, e);
    }
  }

  private static DatagramChannel unixChannel() throws ReflectiveOperationException {
    return (DatagramChannel)
        Class.forName("org.newsclub.net.unix.AFUNIXDatagramChannel").getMethod("open").invoke(null);
  }

  /** A socket that no process has any more refuses a connection. */
  private static void checkUnused(SocketAddress address, Path path)
      throws IOException, ReflectiveOperationException {
    boolean isRefused = false;
    try (DatagramChannel channel = unixChannel()) {
      channel.connect(address);
    } catch (SocketException e) {
      // That of another type is of a class of its own.
      isRefused = e.getClass() == SocketException.class;
    }
    if (!isRefused) {
      throw new IOException("cannot listen at unix socket " + path + ": it is in use");
    }
  }

  private static boolean isSocket(Path path) throws IOException {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS)
        && Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
            .isOther();
  }

  private static DatagramChannel bound(DatagramChannel channel, SocketAddress address, String what)
      throws IOException {
    try {
      return channel.bind(address);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw new IOException(what + ": " + e.getMessage(), e);
    }
  }

  /**
   * Asks the kernel for a buffer.
   *
   * @return the bytes that it gives
   */
  static int setReadBuffer(DatagramChannel channel, int bytes) throws IOException {
    channel.setOption(StandardSocketOptions.SO_RCVBUF, bytes);
    return channel.getOption(StandardSocketOptions.SO_RCVBUF);
  }
}

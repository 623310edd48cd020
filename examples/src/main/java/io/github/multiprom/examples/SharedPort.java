package io.github.multiprom.examples;

import static java.net.StandardSocketOptions.SO_REUSEADDR;
import static java.net.StandardSocketOptions.SO_REUSEPORT;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;

/**
 * One port number kept for many processes, which listen on it with {@code SO_REUSEPORT}. Immutable.
 *
 * <p>The number is held by a bound socket that never listens: the kernel shares out new connections
 * among listening sockets only, so none of them gets lost here.
 */
final class SharedPort implements AutoCloseable {
  private final SocketChannel holder;
  private final InetSocketAddress address;

  private SharedPort(SocketChannel holder) throws IOException {
    this.holder = holder;
    this.address = (InetSocketAddress) holder.getLocalAddress();
  }

  /**
   * Takes a port.
   *
   * @param port 0 for a free one
   * @throws IOException if somebody listens on it, or the system has no {@code SO_REUSEPORT}
   */
  static SharedPort reserve(String host, int port) throws IOException {
    var wanted = new InetSocketAddress(host, port);
    if (wanted.isUnresolved()) {
      throw new IOException("unknown host " + host);
    }
    if (port != 0) {
      checkThatNobodyListens(wanted);
    }
    SocketChannel holder = SocketChannel.open();
    try {
      if (!holder.supportedOptions().contains(SO_REUSEPORT)) {
        throw new IOException("this system cannot share a port (no SO_REUSEPORT)");
      }
      holder.setOption(SO_REUSEADDR, true);
      holder.setOption(SO_REUSEPORT, true);
      holder.bind(wanted);
      return new SharedPort(holder);
    } catch (IOException e) {
      holder.close();
      throw new IOException("cannot use port " + port + " of " + host + ": " + e.getMessage(), e);
    }
  }

  /** With SO_REUSEPORT alone we would silently share the port with another server of this user. */
  private static void checkThatNobodyListens(InetSocketAddress wanted) throws IOException {
    try (SocketChannel probe = SocketChannel.open()) {
      probe.setOption(SO_REUSEADDR, true);
      probe.bind(wanted);
    } catch (IOException e) {
      throw new IOException(
          "cannot use port "
              + wanted.getPort()
              + " of "
              + wanted.getHostString()
              + ": "
              + e.getMessage(),
          e);
    }
  }

  int number() {
    return address.getPort();
  }

  @Override
  public void close() throws IOException {
    holder.close();
  }
}

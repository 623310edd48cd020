package io.github.multiprom.exposition;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.Socket;

/** Whether a port is free. A server of the JDK that cannot bind loses its descriptors. */
final class FreePort {
  private FreePort() {}

  /**
   * Binds a socket, which takes no connections, and closes it.
   *
   * @throws BindException if the port cannot be had
   * @throws IOException if the host is unknown, or for another reason
   */
  static void check(String host, int port) throws IOException {
    InetSocketAddress wanted = new InetSocketAddress(host, port);
    if (wanted.isUnresolved()) {
      throw new IOException("unknown host " + host);
    }
    try (Socket socket = new Socket()) {
      // As a server's: what is left of closed connections is no hindrance.
      socket.setReuseAddress(true);
      socket.bind(wanted);
    }
  }
}

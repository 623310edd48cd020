package io.github.multiprom.exposition.discovery;

import com.sun.net.httpserver.HttpExchange;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The addresses of targets: {@code HOST} or {@code HOST:PORT}. Thread-safe. */
public final class Address {
  /** A name or an IPv4 address, or an IPv6 address in brackets. */
  private static final Pattern SYNTAX =
      Pattern.compile("(\\[[0-9A-Fa-f:.]{2,45}]|[A-Za-z0-9._-]{1,253})(?::(\\d{1,5}))?");

  private static final int MAX_PORT = 65_535;

  private Address() {}

  /** Whether a text is an address. */
  public static boolean isOne(String text) {
    Matcher address = SYNTAX.matcher(text);
    return address.matches()
        && (address.group(2) == null || Integer.parseInt(address.group(2)) <= MAX_PORT);
  }

  /**
   * By which address a client reached the server: its header Host, else where the server listens.
   *
   * @return null if the header is not an address
   */
  public static String requested(HttpExchange exchange) {
    List<String> hosts = exchange.getRequestHeaders().get("Host");
    if (hosts == null) {
      return of(exchange.getLocalAddress());
    }
    return hosts.size() == 1 && isOne(hosts.get(0)) ? hosts.get(0) : null;
  }

  /** The address of a socket; for one that listens everywhere, that of this host. */
  public static String of(InetSocketAddress socket) {
    InetAddress host = socket.getAddress();
    InetAddress reached = host.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : host;
    return withPort(reached.getHostAddress(), socket.getPort());
  }

  /** An address and a port. */
  public static String withPort(String host, int port) {
    String plain = host.contains("%") ? host.substring(0, host.indexOf('%')) : host;
    return (plain.contains(":") ? "[" + plain + "]" : plain) + ":" + port;
  }

  /** The same host, and another port. */
  static String atPort(String address, int port) {
    Matcher parts = SYNTAX.matcher(address);
    return (parts.matches() ? parts.group(1) : address) + ":" + port;
  }
}

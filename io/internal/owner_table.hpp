// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/io/internal/chained_table.hpp>

#include <cstdint>

namespace troupe::io::detail {

/// What a node of an owner_table embeds.
template <class Node>
struct owner_link {
  std::uint64_t owner = 0;  ///< owner_key()
  Node* next_first = nullptr;
  // Those of one owner form a ring; one of them, its first, is in the table.
  Node* next = nullptr;
  Node* previous = nullptr;
};

/// What a reactor keeps for actors, by owner: so that an owner's end finds all of it, and nothing
/// else. Fails never; one thread at a time. Nodes stay where they are, and are the caller's.
template <class Node, owner_link<Node> Node::*Link>
class owner_table {
 public:
  /// One of that owner's; nullptr when there is none.
  Node* find(std::uint64_t owner) const noexcept { return firsts_.find(owner); }

  void insert(Node& node) noexcept {
    owner_link<Node>& its = node.*Link;
    Node* const first = find(its.owner);
    if (first == nullptr) {
      its.next = its.previous = &node;
      firsts_.insert(node);
      return;
    }
    its.next = (first->*Link).next;
    its.previous = first;
    (its.next->*Link).previous = &node;
    (first->*Link).next = &node;
  }

  /// It must be in there.
  void remove(Node& node) noexcept {
    owner_link<Node>& its = node.*Link;
    if (find(its.owner) == &node) {
      firsts_.remove(node);
      if (its.next != &node) firsts_.insert(*its.next);
    }
    (its.previous->*Link).next = its.next;
    (its.next->*Link).previous = its.previous;
  }

 private:
  struct by_owner {
    static std::uint64_t key(const Node& n) noexcept { return (n.*Link).owner; }
    static Node*& next(Node& n) noexcept { return (n.*Link).next_first; }
  };

  chained_table<Node, by_owner> firsts_;
};

}  // namespace troupe::io::detail

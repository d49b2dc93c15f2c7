// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// What examples/http_server is compared with: Go's net/http with the same answer.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Server", "go")
		io.WriteString(w, "Hello, World!\n")
	})
	fmt.Printf("go_http: ready on %s\n", listener.Addr())
	server := http.Server{ReadHeaderTimeout: 20 * time.Second, IdleTimeout: 60 * time.Second}
	log.Fatal(server.Serve(listener))
}

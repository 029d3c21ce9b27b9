// Checks a transparency log in a directory with the library that Go checks its own module
// downloads with (golang.org/x/mod/sumdb), and nothing of klasboek's:
//
//	verifier.key                 the key, as note.NewVerifier takes it
//	checkpoints/<size>           a signed checkpoint for each size that was published
//	tile/<level>/<index>[.p/W]   tiles, paths as in C2SP tlog-tiles
//	tile/entries/<index>[.p/W]   the entries themselves
//	proofs.json                  inclusion and consistency proofs to be checked
//
// Prints what was checked. Exit code 1 and one line on stderr for the first thing that is wrong.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

type inclusionProof struct {
	Index, Size int64
	Proof       [][]byte
}

type consistencyProof struct {
	EarlierSize, Size int64
	Proof             [][]byte
}

type proofs struct {
	Inclusion   []inclusionProof
	Consistency []consistencyProof
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: verify-tlog DIRECTORY ORIGIN")
		os.Exit(2)
	}
	log := directory{root: os.Args[1], origin: os.Args[2]}
	if err := log.verify(); err != nil {
		fmt.Fprintln(os.Stderr, "verify-tlog:", err)
		os.Exit(1)
	}
}

type directory struct {
	root, origin string
}

func (d directory) read(path string) ([]byte, error) {
	return os.ReadFile(filepath.Join(d.root, filepath.FromSlash(path)))
}

func (d directory) verify() error {
	trees, err := d.checkpoints()
	if err != nil {
		return err
	}
	largest := trees[len(trees)-1]
	leaves, err := d.leafHashes(largest.N)
	if err != nil {
		return err
	}
	own := memory{}
	for i, leaf := range leaves {
		nodes, err := tlog.StoredHashesForRecordHash(int64(i), leaf, &own)
		if err != nil {
			return err
		}
		own.hashes = append(own.hashes, nodes...)
	}
	for _, tree := range trees {
		if err := d.verifyTree(tree, leaves, &own); err != nil {
			return fmt.Errorf("tree of size %d: %w", tree.N, err)
		}
	}
	inclusions, consistencies, err := d.verifyProofs(trees, leaves, &own)
	if err != nil {
		return err
	}
	fmt.Printf("%d entries, %d checkpoints, %d inclusion proofs, %d consistency proofs\n",
		largest.N, len(trees), inclusions, consistencies)
	return nil
}

// checkpoints opens every checkpoint with the key, smallest tree first.
func (d directory) checkpoints() ([]tlog.Tree, error) {
	key, err := d.read("verifier.key")
	if err != nil {
		return nil, err
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(string(key)))
	if err != nil {
		return nil, fmt.Errorf("verifier.key: %w", err)
	}
	files, err := os.ReadDir(filepath.Join(d.root, "checkpoints"))
	if err != nil {
		return nil, err
	}
	var trees []tlog.Tree
	for _, file := range files {
		tree, err := d.checkpoint("checkpoints/"+file.Name(), verifier)
		if err != nil {
			return nil, fmt.Errorf("checkpoint %s: %w", file.Name(), err)
		}
		if strconv.FormatInt(tree.N, 10) != file.Name() {
			return nil, fmt.Errorf("checkpoint %s says size %d", file.Name(), tree.N)
		}
		trees = append(trees, tree)
	}
	if len(trees) == 0 {
		return nil, errors.New("no checkpoints")
	}
	sort.Slice(trees, func(i, j int) bool { return trees[i].N < trees[j].N })
	return trees, nil
}

func (d directory) checkpoint(path string, verifier note.Verifier) (tlog.Tree, error) {
	message, err := d.read(path)
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(message, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return tlog.Tree{}, errors.New("the text isn't three lines")
	}
	if lines[0] != d.origin {
		return tlog.Tree{}, fmt.Errorf("origin %q", lines[0])
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return tlog.Tree{}, err
	}
	return tlog.Tree{N: size, Hash: root}, nil
}

// leafHashes hashes the entries in the bundles of a tree of this size.
func (d directory) leafHashes(size int64) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for index := int64(0); int64(len(hashes)) < size; index++ {
		width := size - index<<tileHeight
		if width > 1<<tileHeight {
			width = 1 << tileHeight
		}
		tile := tlog.Tile{H: tileHeight, L: -1, N: index, W: int(width)}
		bundle, err := d.read(path(tile))
		if err != nil {
			return nil, err
		}
		for i := int64(0); i < width; i++ {
			if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
				return nil, fmt.Errorf("%s ends within entry %d", path(tile), i)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			hashes = append(hashes, tlog.RecordHash(bundle[2:end]))
			bundle = bundle[end:]
		}
		if len(bundle) != 0 {
			return nil, fmt.Errorf("%s has %d bytes after its entries", path(tile), len(bundle))
		}
	}
	return hashes, nil
}

// verifyTree compares root, every tile and, through the tiles alone, every 97th leaf.
func (d directory) verifyTree(tree tlog.Tree, leaves []tlog.Hash, own *memory) error {
	root, err := tlog.TreeHash(tree.N, own)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return errors.New("the checkpoint's root isn't that of the entries")
	}
	for _, tile := range tlog.NewTiles(tileHeight, 0, tree.N) {
		published, err := d.read(path(tile))
		if err != nil {
			return err
		}
		expected, err := tlog.ReadTileData(tile, own)
		if err != nil {
			return err
		}
		if !bytes.Equal(published, expected) {
			return fmt.Errorf("%s isn't the tile of these entries", path(tile))
		}
	}
	if tree.N == 0 {
		return nil
	}
	fromTiles := tlog.TileHashReader(tree, tiles{d})
	for index := int64(0); index < tree.N; index += 97 {
		hashes, err := fromTiles.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
		if err != nil {
			return fmt.Errorf("leaf %d by its tiles: %w", index, err)
		}
		if hashes[0] != leaves[index] {
			return fmt.Errorf("leaf %d differs in its tile", index)
		}
	}
	return nil
}

func (d directory) verifyProofs(trees []tlog.Tree, leaves []tlog.Hash, own *memory) (int, int, error) {
	text, err := d.read("proofs.json")
	if err != nil {
		return 0, 0, err
	}
	var given proofs
	if err := json.Unmarshal(text, &given); err != nil {
		return 0, 0, fmt.Errorf("proofs.json: %w", err)
	}
	roots := map[int64]tlog.Hash{}
	for _, tree := range trees {
		roots[tree.N] = tree.Hash
	}
	for _, p := range given.Inclusion {
		if p.Index < 0 || p.Index >= int64(len(leaves)) {
			return 0, 0, fmt.Errorf("there is no leaf %d", p.Index)
		}
		proof, err := hashes(p.Proof)
		if err != nil {
			return 0, 0, err
		}
		if err := tlog.CheckRecord(proof, p.Size, roots[p.Size], p.Index, leaves[p.Index]); err != nil {
			return 0, 0, fmt.Errorf("leaf %d in the tree of size %d: %w", p.Index, p.Size, err)
		}
		expected, err := tlog.ProveRecord(p.Size, p.Index, own)
		if err != nil || fmt.Sprint(expected) != fmt.Sprint(tlog.RecordProof(proof)) {
			return 0, 0, fmt.Errorf("leaf %d in the tree of size %d: another proof (%v)", p.Index, p.Size, err)
		}
	}
	for _, p := range given.Consistency {
		proof, err := hashes(p.Proof)
		if err != nil {
			return 0, 0, err
		}
		if err := tlog.CheckTree(proof, p.Size, roots[p.Size], p.EarlierSize, roots[p.EarlierSize]); err != nil {
			return 0, 0, fmt.Errorf("from size %d to %d: %w", p.EarlierSize, p.Size, err)
		}
	}
	if len(given.Inclusion) == 0 || len(given.Consistency) == 0 {
		return 0, 0, errors.New("proofs.json holds nothing to check")
	}
	return len(given.Inclusion), len(given.Consistency), nil
}

func hashes(proof [][]byte) ([]tlog.Hash, error) {
	var result []tlog.Hash
	for _, bytes := range proof {
		if len(bytes) != tlog.HashSize {
			return nil, fmt.Errorf("%s is no hash", base64.StdEncoding.EncodeToString(bytes))
		}
		var hash tlog.Hash
		copy(hash[:], bytes)
		result = append(result, hash)
	}
	return result, nil
}

// path is the C2SP path of a tile: Go's own, without the height that C2SP fixed at eight, and with
// "entries" where Go says "data".
func path(tile tlog.Tile) string {
	rest := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight))
	if tile.L == -1 {
		rest = "entries/" + strings.TrimPrefix(rest, "data/")
	}
	return "tile/" + rest
}

// tiles reads published tiles for tlog.TileHashReader, which checks them against the root.
type tiles struct {
	directory
}

func (t tiles) Height() int { return tileHeight }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var contents [][]byte
	for _, tile := range wanted {
		content, err := t.read(path(tile))
		if err != nil {
			return nil, err
		}
		contents = append(contents, content)
	}
	return contents, nil
}

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// memory holds all hashes of the tree in Go's own order.
type memory struct {
	hashes []tlog.Hash
}

func (m *memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var result []tlog.Hash
	for _, index := range indexes {
		if index >= int64(len(m.hashes)) {
			return nil, fmt.Errorf("hash %d isn't known yet", index)
		}
		result = append(result, m.hashes[index])
	}
	return result, nil
}
